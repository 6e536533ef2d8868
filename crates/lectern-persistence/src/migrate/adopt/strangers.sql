-- What stands in the schema, or leans on its tables, beside tables with their columns, constraints and indexes: a line each. What belongs to an
-- extension is left out.
WITH own AS (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relrowsecurity FROM pg_class c
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
       AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT concat(CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' ELSE 'sequence' END,
              ' ', relname) AS answer
  FROM own WHERE relkind <> 'r'
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = own.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))
UNION
SELECT concat('table ', relname, ' is unlogged') FROM own WHERE relpersistence <> 'p'
UNION
SELECT concat(CASE t.typtype WHEN 'e' THEN 'enum ' WHEN 'd' THEN 'domain ' ELSE 'type ' END, t.typname,
              (SELECT ': ' || string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
  FROM pg_type t WHERE t.typnamespace = current_schema()::regnamespace AND t.typcategory <> 'A' AND t.typtype <> 'm'
   AND (t.typrelid = 0 OR EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
UNION
SELECT concat('function ', p.oid::regprocedure) FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION
SELECT concat('rule ', w.rulename, ' of ', o.relname) FROM own o JOIN pg_rewrite w ON w.ev_class = o.oid WHERE o.relkind IN ('r', 'p')
UNION
SELECT concat('policy ', y.polname, ' of ', o.relname) FROM own o JOIN pg_policy y ON y.polrelid = o.oid
UNION
SELECT concat('row security of ', relname) FROM own WHERE relrowsecurity
UNION
SELECT concat('table ', i.inhrelid::regclass, ' inherits from ', o.relname) FROM own o JOIN pg_inherits i ON i.inhparent = o.oid
UNION
SELECT concat('table ', o.relname, ' inherits from ', i.inhparent::regclass) FROM own o JOIN pg_inherits i ON i.inhrelid = o.oid
UNION
SELECT concat('foreign key ', k.conname, ' of ', k.conrelid::regclass, ' refers to ', o.relname) FROM own o JOIN pg_constraint k ON k.confrelid = o.oid
 WHERE k.contype = 'f' AND k.conrelid NOT IN (SELECT oid FROM own)
UNION
SELECT DISTINCT concat('view ', w.ev_class::regclass, ' reads ', o.relname) FROM own o
  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = o.oid AND d.classid = 'pg_rewrite'::regclass
  JOIN pg_rewrite w ON w.oid = d.objid WHERE w.ev_class NOT IN (SELECT oid FROM own)
ORDER BY 1
