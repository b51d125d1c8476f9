-- How the store itself keeps its rows: a number of a live address takes half the room on database
-- servers, and so does each of its indexes.
@server ALTER TABLE address MODIFY range_id INT UNSIGNED NOT NULL,
    MODIFY place INT UNSIGNED NOT NULL, MODIFY account_id INT UNSIGNED NOT NULL,
    MODIFY domain_id INT UNSIGNED NOT NULL, MODIFY network_id INT UNSIGNED,
    MODIFY vpc_id INT UNSIGNED, MODIFY vm_id INT UNSIGNED, MODIFY vm_ip INT UNSIGNED;
