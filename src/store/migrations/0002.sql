-- The key pair with which a user's programs sign; the secret is sealed.
CREATE TABLE user_key (
    user_id @big NOT NULL PRIMARY KEY REFERENCES user (id), api_key @name NOT NULL UNIQUE,
    secret @bits NOT NULL, created @big NOT NULL
);
-- The password of a user who may log in, as a hash.
CREATE TABLE user_password (
    user_id @big NOT NULL PRIMARY KEY REFERENCES user (id), hash @bits NOT NULL,
    created @big NOT NULL
);
