-- No purchase is lost and none is counted twice, equal rows included.
select *
from (
    select
        (select count(*) from {{ ref('stg_purchases') }}) as purchased,
        (select sum(orders) from {{ ref('monthly_revenue') }}) as by_month,
        (select sum(orders) from {{ ref('customers') }}) as by_customer
) as totals
where purchased <> by_month or purchased <> by_customer
