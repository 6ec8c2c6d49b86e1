count(*) AS made, count(f.called_at) AS called, count(*) FILTER (WHERE f.is_inside) AS inside,
    count(*) FILTER (WHERE f.waited BETWEEN floor(f.simulated_low) AND ceil(f.simulated_high)) AS simulated_inside,
    coalesce(sum(abs(f.waited - f.median)), 0)::float8 AS error_minutes
