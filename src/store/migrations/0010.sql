-- A word of a caller that makes a call repeatable, and how the first call was answered.
-- account_id: the account of the caller. token: the word. command: the command. given: the names
-- of its parameters, each with a hash of the value, as JSON. result: the inner object of the
-- answer, or of the result of the job, as JSON. job: the id of the job. made: the id of what was
-- made. ends: until when it counts, in milliseconds since 1970.
CREATE TABLE client_token (
    account_id @big NOT NULL, token @name NOT NULL, command @name NOT NULL, given @text NOT NULL,
    result @text NOT NULL, job @name, made @name, created @big NOT NULL, ends @big NOT NULL,
    PRIMARY KEY (account_id, token)
) @clustered;
CREATE INDEX client_token_ends ON client_token (ends);
-- A network that the collector saw idle. network_id: the network. seen: when it was first seen so,
-- in milliseconds since 1970.
CREATE TABLE idle_network (
    network_id @big NOT NULL, seen @big NOT NULL,
    PRIMARY KEY (network_id)
) @clustered;
-- A time in which somebody held an address that was given back since. The times of those that are
-- held are in their rows, and the times of networks and VPCs in theirs.
CREATE TABLE address_usage (
    id @id, range_id @big NOT NULL, place @big NOT NULL, account_id @big NOT NULL,
    domain_id @big NOT NULL, source_nat @flag NOT NULL, is_system @flag NOT NULL,
    started @big NOT NULL, ended @big NOT NULL
);
CREATE INDEX address_usage_ended ON address_usage (ended);
CREATE INDEX address_usage_account ON address_usage (account_id, ended);
-- What an administrator should know.
CREATE TABLE alert (
    id @id, kind @big NOT NULL, name @name NOT NULL, description @text NOT NULL,
    zone_id @big, pod_id @big, archived @flag NOT NULL, created @big NOT NULL, ended @big
);
