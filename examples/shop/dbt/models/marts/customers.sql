select
    customer_id,
    min(purchased_on) as first_purchase_on,
    max(purchased_on) as last_purchase_on,
    cast({{ as_of_date() }} - max(purchased_on) as integer) as recency_days,
    cast(count(*) as integer) as orders,
    cast(sum(quantity) as integer) as discs,
    cast(sum(amount) as double precision) as lifetime_value,
    cast(sum(amount) as double precision) / count(*) as average_order_value
from {{ ref('stg_purchases') }}
group by customer_id
