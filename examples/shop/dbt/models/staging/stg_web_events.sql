with numbered as (
    select
        *,
        row_number() over (partition by event_id order by collector_tstamp, derived_tstamp) as delivery
    from {{ source('atomic', 'events') }}
    where derived_tstamp < {{ as_of() }}
)

select
    cast(event_id as text) as event_id,
    cast(derived_tstamp as timestamp) as occurred_at,
    cast(collector_tstamp as timestamp) as collected_at,
    cast(event_name as text) as event_name,
    cast(domain_userid as text) as domain_userid,
    cast(domain_sessionid as text) as session_id,
    cast(domain_sessionidx as integer) as session_index,
    cast(user_id as text) as user_id,
    cast(page_urlpath as text) as page_path,
    cast(page_title as text) as page_title,
    case
        when event_name = 'page_view' then 'view'
        when event_name = 'transaction' then 'order'
        when se_action in ('add_to_cart', 'checkout', 'login') then se_action
        else 'other'
    end as action,
    case
        when page_urlpath like '/genre/%' or page_urlpath like '/album/%' then split_part(page_urlpath, '/', 3)
    end as genre,
    cast(tr_orderid as text) as order_id,
    cast(tr_total as decimal(12, 2)) as order_total
from numbered
where delivery = 1
