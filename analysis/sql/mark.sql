SELECT concat_ws(' ', count(*), max(id), max(published_at)) FROM catalogue.layer_version
