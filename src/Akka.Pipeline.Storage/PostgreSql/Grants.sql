-- What a node needs when another role owns the schema and runs the migrations. Run it as the owner, with the names of your schema and of the nodes' role:
--   psql -v schema=akka_pipeline -v node=pipeline_node -f Grants.sql
-- All nodes use the same role: they end each other's server processes when a node froze in the middle of a transaction, which PostgreSQL allows within a role.
-- The owner needs CREATE on the database for the first start (it makes the schema), the node only CONNECT. A node of this role makes and
-- alters nothing; one that is newer than the schema says so and stops. Start one process under the owner's role to migrate.
GRANT USAGE ON SCHEMA :"schema" TO :"node";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA :"schema" TO :"node";
REVOKE INSERT, UPDATE, DELETE ON :"schema".migration FROM :"node";
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA :"schema" TO :"node";
-- The same for what later migrations make; it holds for the role that runs this.
ALTER DEFAULT PRIVILEGES IN SCHEMA :"schema" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"node";
ALTER DEFAULT PRIVILEGES IN SCHEMA :"schema" GRANT EXECUTE ON FUNCTIONS TO :"node";
