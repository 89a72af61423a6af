/** Of the tables that hold results of checks, the columns that say what was found. */
export const resultColumns = 'name, severity, passed, failures, message, blocking, metadata, reference'

/** Their values out of `resultsIn`. */
export const resultValues = `new.name, new.severity, new.passed, new.failures, new.message,
    coalesce(new.blocking, new.severity = 'error'), coalesce(new.metadata, '{}'), new.reference`

/** Results that an expression holds as JSON, for a list of `from`: as `new`, with their `position` from 1. */
export function resultsIn(json: string): string {
  return `rows from (jsonb_to_recordset(${json})
    as (name text, severity text, passed boolean, failures bigint, message text, blocking boolean, metadata jsonb,
      reference jsonb))
    with ordinality as new (name, severity, passed, failures, message, blocking, metadata, reference, position)`
}
