{# The reply code or error class: the rest names people and differs between messages. -#}
CASE WHEN last_error ~ '^[0-9]{3}([^0-9]|$)' THEN left(last_error, 3)
    WHEN last_error ~ '^[A-Za-z_]+:' THEN split_part(last_error, ':', 1) ELSE left(last_error, 100) END
