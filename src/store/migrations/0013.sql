-- Load balancing, and what virtual machines would be stored on.
CREATE TABLE disk_offering (
    id @id, name @name NOT NULL, display_text @text NOT NULL, size @big,
    storage_type @name NOT NULL, tags @text, display @flag NOT NULL, created @big NOT NULL,
    removed @big
);
-- A store that was made before gets what a new one begins with.
INSERT INTO disk_offering (id, name, display_text, size, storage_type, display, created)
    SELECT 1, 'Small', 'Small', 5, 'shared', 1, 0 FROM installation
    WHERE NOT EXISTS (SELECT id FROM disk_offering WHERE id = 1);
INSERT INTO disk_offering (id, name, display_text, size, storage_type, display, created)
    SELECT 2, 'Medium', 'Medium', 20, 'shared', 1, 0 FROM installation
    WHERE NOT EXISTS (SELECT id FROM disk_offering WHERE id = 2);
INSERT INTO disk_offering (id, name, display_text, size, storage_type, display, created)
    SELECT 3, 'Large', 'Large', 100, 'shared', 1, 0 FROM installation
    WHERE NOT EXISTS (SELECT id FROM disk_offering WHERE id = 3);
INSERT INTO disk_offering (id, name, display_text, size, storage_type, display, created)
    SELECT 4, 'Custom', 'Custom', NULL, 'shared', 1, 0 FROM installation
    WHERE NOT EXISTS (SELECT id FROM disk_offering WHERE id = 4);
