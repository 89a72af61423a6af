-- Whose browser is it? The customer who logged in on it, and if several did, the last one.
with logins as (
    select
        domain_userid,
        user_id,
        min(occurred_at) as first_login_at,
        max(occurred_at) as last_login_at
    from {{ ref('stg_web_events') }}
    where domain_userid is not null and user_id is not null
    group by domain_userid, user_id
),

ranked as (
    select
        *,
        row_number() over (partition by domain_userid order by last_login_at desc, user_id) as place
    from logins
),

seen as (
    select
        domain_userid,
        min(occurred_at) as first_seen_at,
        count(case when user_id is null then 1 end) as anonymous_events
    from {{ ref('stg_web_events') }}
    where domain_userid is not null
    group by domain_userid
)

select
    ranked.domain_userid,
    ranked.user_id as customer_id,
    seen.first_seen_at,
    ranked.first_login_at,
    cast(seen.anonymous_events as integer) as anonymous_events
from ranked
inner join seen on seen.domain_userid = ranked.domain_userid
where ranked.place = 1
