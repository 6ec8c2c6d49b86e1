{# At the low level of assurance: requests for oneself alone, since the account was opened. Earlier ones were filed by a
   caller of higher assurance. #}
(
    request.person_id = CAST(:me AS uuid)
    AND request.created_at >= (SELECT a.created_at FROM account a WHERE a.person_id = CAST(:me AS uuid))
)
