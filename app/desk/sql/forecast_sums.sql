count(*) AS made, count(f.called_at) AS called, count(*) FILTER (WHERE f.is_inside) AS inside,
    coalesce(sum(abs(f.waited - f.median)), 0)::float8 AS error_minutes
