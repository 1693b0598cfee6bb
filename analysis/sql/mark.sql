SELECT concat_ws(' ', current_database(), count(*), max(id), max(published_at)) FROM catalogue.layer_version
