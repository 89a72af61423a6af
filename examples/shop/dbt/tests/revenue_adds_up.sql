-- Every dollar of the source is in the months and in the customers' lifetime values: a row here is a difference.
with totals as (
    select
        (select sum(amount) from {{ ref('stg_purchases') }}) as purchased,
        (select cast(sum(revenue) as decimal(18, 2)) from {{ ref('monthly_revenue') }}) as by_month,
        (select cast(sum(lifetime_value) as decimal(18, 2)) from {{ ref('customers') }}) as by_customer
)

select *
from totals
where purchased <> by_month or purchased <> by_customer
