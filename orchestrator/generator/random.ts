/**
 * A seeded source of random numbers: sfc32 of PractRand (Chris Doty-Humphrey), 128 bits of state, period of at least
 * 2^32. Seeded by the hash of its parts, so that each customer has a stream of their own and what one draws never
 * depends on how many others there are.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter: number
  private spare: number | null = null

  constructor(...parts: readonly (string | number)[]) {
    const text = parts.join('\u0000')
    this.a = hash(text, 0x9e3779b9)
    this.b = hash(text, 0x243f6a88)
    this.c = hash(text, 0xb7e15162)
    this.counter = 1
    for (let i = 0; i < 12; i++) this.uint32()
  }

  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum
    this.c |= 0
    return sum >>> 0
  }

  /** In [0, 1). */
  uniform(): number {
    return this.uint32() / 0x100000000
  }

  chance(probability: number): boolean {
    return this.uniform() < probability
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.uniform() * (to - from + 1))
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.uniform() * items.length)] ?? items[0]
  }

  exponential(rate: number): number {
    return -Math.log(1 - this.uniform()) / rate
  }

  /** Box and Muller's pair, one kept for the next call. */
  normal(): number {
    if (this.spare !== null) {
      const kept = this.spare
      this.spare = null
      return kept
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    const angle = 2 * Math.PI * this.uniform()
    this.spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  /** Marsaglia and Tsang's rejection; shapes below one through `u^(1/shape)`. */
  gamma(shape: number, rate: number): number {
    if (shape < 1) return this.gamma(shape + 1, rate) * Math.pow(1 - this.uniform(), 1 / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = this.normal()
      const v = Math.pow(1 + c * x, 3)
      if (v <= 0) continue
      if (Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / rate
    }
  }

  beta(a: number, b: number): number {
    const x = this.gamma(a, 1)
    return x / (x + this.gamma(b, 1))
  }

  /** Exponential gaps counted within one unit of time. */
  poisson(mean: number): number {
    let count = 0
    for (let time = this.exponential(1); time < mean; time += this.exponential(1)) count++
    return count
  }

  /** Laid out as a random UUID, version 4. */
  uuid(): string {
    const a = this.uint32()
    const b = this.uint32()
    const c = this.uint32()
    const d = this.uint32()
    return (
      `${hex(a >>> 24)}${hex(a >>> 16)}${hex(a >>> 8)}${hex(a)}-${hex(b >>> 24)}${hex(b >>> 16)}-` +
      `${hex(((b >>> 8) & 0x0f) | 0x40)}${hex(b)}-${hex(((c >>> 24) & 0x3f) | 0x80)}${hex(c >>> 16)}-` +
      `${hex(c >>> 8)}${hex(c)}${hex(d >>> 24)}${hex(d >>> 16)}${hex(d >>> 8)}${hex(d)}`
    )
  }
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex(value: number): string {
  return bytes[value & 0xff] ?? ''
}

/** FNV-1a over UTF-16 units, finished as MurmurHash3 does. */
function hash(text: string, seed: number): number {
  let value = seed ^ 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
