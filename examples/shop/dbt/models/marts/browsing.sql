-- Events count for the customer who was logged in or, before the first login, for the browser's owner.
with known as (
    select
        coalesce(events.user_id, identities.customer_id) as customer_id,
        events.session_id,
        events.occurred_at,
        events.action,
        events.genre
    from {{ ref('stg_web_events') }} as events
    left join {{ ref('identities') }} as identities on identities.domain_userid = events.domain_userid
    where coalesce(events.user_id, identities.customer_id) is not null
),

recent as (
    select
        customer_id,
        count(distinct session_id) as sessions,
        max(case when action in ('add_to_cart', 'checkout') then occurred_at end) as last_cart_at,
        max(case when action = 'order' then occurred_at end) as last_order_at
    from known
    where occurred_at >= {{ as_of() }} - interval '30 days'
    group by customer_id
),

genres as (
    select
        customer_id,
        genre,
        row_number() over (partition by customer_id order by count(*) desc, genre) as place
    from known
    where genre is not null
    group by customer_id, genre
),

everyone as (
    select distinct customer_id from known
)

select
    everyone.customer_id,
    cast(coalesce(recent.sessions, 0) as integer) as sessions_30d,
    recent.last_cart_at is not null
        and (recent.last_order_at is null or recent.last_order_at < recent.last_cart_at) as abandoned_cart_30d,
    genres.genre as favourite_genre
from everyone
left join recent on recent.customer_id = everyone.customer_id
left join genres on genres.customer_id = everyone.customer_id and genres.place = 1
