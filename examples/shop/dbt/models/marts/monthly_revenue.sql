select
    cast(date_trunc('month', purchased_on) as date) as month,
    cast(count(*) as integer) as orders,
    cast(count(distinct customer_id) as integer) as customers,
    cast(sum(amount) as double precision) as revenue
from {{ ref('stg_purchases') }}
group by 1
