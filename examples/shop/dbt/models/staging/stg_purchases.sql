-- Amounts become decimals, so that sums are exact and do not depend on the order of rows.
select
    cast(customer_id as text) as customer_id,
    cast(purchased_on as date) as purchased_on,
    cast(quantity as integer) as quantity,
    cast(amount as decimal(12, 2)) as amount
from {{ source('raw', 'purchases') }}
where purchased_on <= {{ as_of_date() }}
