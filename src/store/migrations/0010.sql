-- Words of callers that make a call repeatable, and how the first call was answered. given: the
-- names of its parameters, each with a hash of the value.
CREATE TABLE client_token (
    account_id @big NOT NULL, token @name NOT NULL, command @name NOT NULL, given @text NOT NULL,
    result @text NOT NULL, job @name, made @name, created @big NOT NULL, ends @big NOT NULL,
    PRIMARY KEY (account_id, token)
) @clustered;
CREATE INDEX client_token_ends ON client_token (ends);
-- Networks that the collector saw idle, and since when.
CREATE TABLE idle_network (
    network_id @big NOT NULL, seen @big NOT NULL,
    PRIMARY KEY (network_id)
) @clustered;
