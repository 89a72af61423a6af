const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** A time zone's rules. Local times are "wall" milliseconds: the instant at which UTC's clocks would show them. */
export interface Zone {
  /** What local clocks show at an instant. */
  wallAt(instant: number): number
  /** The instants at which local clocks show it, in order: none in a gap, two where an hour comes twice. */
  instantsAt(wall: number): number[]
  /** The first instant at which local clocks show it or anything later. */
  firstAt(wall: number): number
}

const zones = new Map<string, Zone>()

/** Zones are kept: each remembers the offsets of the days that it was asked for. */
export function zone(timeZone: string): Zone {
  let found = zones.get(timeZone)
  if (found === undefined) zones.set(timeZone, (found = createZone(timeZone)))
  return found
}

const utc: Zone = { wallAt: (instant) => instant, instantsAt: (wall) => [wall], firstAt: (wall) => wall }

function createZone(timeZone: string): Zone {
  if (timeZone === 'UTC') return utc
  const offsetAt = cachedOffsets(timeZone)
  const instantsAt = (wall: number): number[] => {
    const offsets = new Set([offsetAt(wall - dayMs), offsetAt(wall + dayMs)])
    return [...offsets]
      .map((offset) => wall - offset)
      .filter((instant) => instant + offsetAt(instant) === wall)
      .sort((a, b) => a - b)
  }
  return {
    wallAt: (instant) => instant + offsetAt(instant),
    instantsAt,
    firstAt(wall) {
      const [first] = instantsAt(wall)
      if (first !== undefined) return first
      // In a gap: the instant at which clocks go forward.
      return changeBetween(wall - dayMs * 1.5, wall + dayMs * 1.5, (instant) => instant + offsetAt(instant) >= wall)
    },
  }
}

/** Offsets change rarely: where a day has one at both ends, it has it all day long. */
function cachedOffsets(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const read = (instant: number): number => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000
  }
  const atDay = new Map<number, number>()
  const ofDay = (day: number): number => {
    let offset = atDay.get(day)
    if (offset === undefined) atDay.set(day, (offset = read(day * dayMs)))
    return offset
  }
  const changeIn = new Map<number, number>()
  return (instant) => {
    const day = Math.floor(instant / dayMs)
    const before = ofDay(day)
    const after = ofDay(day + 1)
    if (before === after) return before
    let change = changeIn.get(day)
    if (change === undefined) {
      change = changeBetween(day * dayMs, (day + 1) * dayMs, (at) => read(at) !== before)
      changeIn.set(day, change)
    }
    return instant < change ? before : after
  }
}

/** The first instant, to the second, in `(from, to]` for which `changed` holds; it does not hold at `from`. */
function changeBetween(from: number, to: number, changed: (instant: number) => boolean): number {
  let [low, high] = [Math.floor(from / 1_000), Math.ceil(to / 1_000)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (changed(middle * 1_000)) high = middle
    else low = middle
  }
  return high * 1_000
}
