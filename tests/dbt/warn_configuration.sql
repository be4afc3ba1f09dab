-- Overrides that a direct figure has replaced, pairs that fill nothing, figures that a cap blocks.
{{ config(severity='warn') }}

select
    warning_kind,
    subject,
    message
from {{ ref('rpt_warnings') }}
where warning_kind in ('stale_override', 'stale_pair', 'cap_blocked')
