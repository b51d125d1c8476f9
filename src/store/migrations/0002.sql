-- The key pair with which the programs of a user sign. user_id: the user. api_key: the public
-- half. secret: the secret half, sealed under the key file of the machine.
CREATE TABLE user_key (
    user_id @big NOT NULL PRIMARY KEY REFERENCES user (id), api_key @name NOT NULL UNIQUE,
    secret @bits NOT NULL, created @big NOT NULL
);
