{# The tables that a batch is computed in, beside those that it changes. `saving_step`: one row for each event and the
   transaction it concerns; `saving_pair`: whose transactions of which service are looked at; the others: these
   transactions as they were, and as they are now. #}
CREATE TEMP TABLE IF NOT EXISTS {{ table }}
{%- if table == "saving_step" %} (
    person_id uuid,
    service text,
    transaction_id uuid,
    id uuid,
    at timestamptz,
    type text,
    counts_as text,
    is_own bool,
    channel text,
    device text,
    unit_id uuid,
    seconds int,
    visits int,
    outcome text,
    reasons text[],
    by_rules bool,
    due_on date,
    hold_id uuid,
    is_survey bool,
    would_have_visited bool,
    satisfaction int,
    is_correction bool,
    correction text,
    attendance text
)
{%- elif table == "saving_pair" %} (person_id uuid, service text, transaction_id uuid)
{%- else %} (LIKE service_transaction)
{%- endif %} ON COMMIT DELETE ROWS
