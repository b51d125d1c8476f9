-- Tenants: projects, which own things through a hidden account, and rules of roles.
CREATE TABLE project (
    id @id, name @name NOT NULL, display_text @text NOT NULL,
    domain_id @big NOT NULL REFERENCES domain (id),
    account_id @big NOT NULL UNIQUE REFERENCES account (id), state @name NOT NULL,
    created @big NOT NULL, removed @big, live @live,
    UNIQUE (domain_id, name, live),
    CONSTRAINT project_state CHECK (state IN ('Active', 'Disabled', 'Suspended'))
);
-- An account that works in a project. project_id: the project. account_id: the account. role:
-- Admin or Regular.
CREATE TABLE project_member (
    project_id @big NOT NULL REFERENCES project (id),
    account_id @big NOT NULL REFERENCES account (id), role @name NOT NULL,
    PRIMARY KEY (project_id, account_id),
    CONSTRAINT project_member_role CHECK (role IN ('Admin', 'Regular'))
) @clustered;
CREATE INDEX project_member_account ON project_member (account_id, project_id);
-- A rule of a role. place: the order in which the rules of a role are tried.
CREATE TABLE role_rule (
    id @id, role_id @big NOT NULL REFERENCES role (id), place @big NOT NULL,
    rule @name NOT NULL, allow @flag NOT NULL, description @text,
    UNIQUE (role_id, rule)
);
CREATE INDEX role_rule_order ON role_rule (role_id, place);
-- Tenants list their own addresses, however many others have.
CREATE INDEX address_account ON address (account_id, range_id, place);
