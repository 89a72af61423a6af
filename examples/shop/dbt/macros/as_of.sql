{# The project's "now" as a timestamp in UTC, whatever offset the variable was written with. #}
{% macro as_of() -%}
  {%- set given = modules.datetime.datetime.fromisoformat(var('traitline_as_of') | replace('Z', '+00:00')) -%}
  {%- if given.tzinfo -%}
    {%- set given = given.astimezone(modules.pytz.utc) -%}
  {%- endif -%}
  cast('{{ given.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro %}

{# The day that "now" falls on, in UTC. #}
{% macro as_of_date() -%}
  cast({{ as_of() }} as date)
{%- endmacro %}
