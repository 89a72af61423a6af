type Environment = Readonly<Record<string, string | undefined>>

/** Traitline's own settings, some of which are secrets, concern no dbt project and no notebook. */
const ownVariables = /^(?:TRAITLINE_|TEMPORAL_|DATABASE_URL$)/

/** What dbt and notebooks see: all that the user set but Traitline's own variables. */
export function childEnvironment(env: Environment): Record<string, string> {
  return pick(env, (name) => !ownVariables.test(name))
}

/** What a program needs to run on this machine and to reach others: nothing that may be somebody's secret. */
const ofTheMachine =
  /^(?:PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(?:https?|no|all)_proxy|PIP_\w+|UV_\w+|XDG_\w+|DOCKER_\w+)$/i

/** What a destination's program sees; its own secrets come with its configuration. */
export function connectorEnvironment(env: Environment): Record<string, string> {
  return pick(env, (name) => ofTheMachine.test(name))
}

function pick(env: Environment, wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && wanted(entry[0])),
  )
}
