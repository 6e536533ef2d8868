-- The tables stay: what is in them is LangGraph's, which may have made them itself.
SELECT 1;
