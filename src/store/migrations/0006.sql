-- A session of a user who logged in. What stands here are hashes, which open nothing. hash: the
-- hash of the value of its cookie. key_hash: the hash of its session key. user_id: the user. ends:
-- when it ends unless it is used, in milliseconds since 1970.
CREATE TABLE session (
    hash @name NOT NULL, key_hash @name NOT NULL, user_id @big NOT NULL, ends @big NOT NULL,
    PRIMARY KEY (hash)
) @clustered;
CREATE INDEX session_ends ON session (ends);
-- Work that one server does for all, until the lease ends. name: the work. holder: the server.
-- ends: when the lease ends, in milliseconds since 1970.
CREATE TABLE lease (
    name @name NOT NULL, holder @name NOT NULL, ends @big NOT NULL,
    PRIMARY KEY (name)
) @clustered;
