-- The key pair with which a user's programs sign; the secret is sealed.
CREATE TABLE user_key (
    user_id @big NOT NULL PRIMARY KEY REFERENCES user (id), api_key @name NOT NULL UNIQUE,
    secret @bits NOT NULL, created @big NOT NULL
);
