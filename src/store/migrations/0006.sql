-- Sessions of users who logged in. What stands here are hashes, which open nothing.
CREATE TABLE session (
    hash @name NOT NULL, key_hash @name NOT NULL, user_id @big NOT NULL, ends @big NOT NULL,
    PRIMARY KEY (hash)
) @clustered;
CREATE INDEX session_ends ON session (ends);
-- Work that one server does for all, until the lease ends.
CREATE TABLE lease (
    name @name NOT NULL, holder @name NOT NULL, ends @big NOT NULL,
    PRIMARY KEY (name)
) @clustered;
