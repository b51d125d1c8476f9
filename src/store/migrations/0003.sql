-- The password of a user who may log in, as a hash.
CREATE TABLE user_password (
    user_id @big NOT NULL PRIMARY KEY REFERENCES user (id), hash @bits NOT NULL,
    created @big NOT NULL
);
