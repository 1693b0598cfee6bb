-- An import brings geom_3857 along; every other writer leaves it out, and whoever changes either of the two shapes gets
-- it worked out anew, so that they cannot part.
CREATE FUNCTION catalogue.fill_geom_3857() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.geom_3857 := ST_Transform(ST_Force2D(NEW.geom), 3857);
    RETURN NEW;
END
$$;
