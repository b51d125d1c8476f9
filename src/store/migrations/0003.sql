-- The password of a user who may log in. user_id: the user. hash: a salt and the hash by Argon2id.
CREATE TABLE user_password (
    user_id @big NOT NULL PRIMARY KEY REFERENCES user (id), hash @bits NOT NULL,
    created @big NOT NULL
);
