import type { ConnectorRef } from '../contract/index.ts'

/** A destination's program by its command line: `command(['python', 'my_destination.py'])`. */
export function command(line: readonly [string, ...string[]]): ConnectorRef {
  return Object.freeze({ type: 'command', command: Object.freeze([...line]) })
}

/** A destination's program as an image, for machines with a container engine: `image('airbyte/destination-csv:1.0')`. */
export function image(reference: string): ConnectorRef {
  return Object.freeze({ type: 'image', image: reference })
}

/** A destination's program from PyPI, of one exact version: `pypi('airbyte-destination-ailake==0.1.16')`. */
export function pypi(requirement: `${string}==${string}`): ConnectorRef {
  const [name = '', version = ''] = requirement.split('==')
  return Object.freeze({ type: 'pypi', package: name.trim(), version: version.trim() })
}
