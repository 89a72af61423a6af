/** Lower case without punctuation and symbols; one space between words. Letters of every script stay. */
export function plainWords(value: string): string | null {
  const words = value
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\s]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
  return words === '' ? null : words
}

export function plainLetters(value: string): string | null {
  return plainWords(value)?.replaceAll(' ', '') ?? null
}

const titles = /^(?:mr|mrs|ms|miss|mx|dr|prof) (?=.)/
const suffixes = /(?<=.) (?:jr|sr|ii|iii|iv|phd|md)$/

export function withoutTitle(value: string): string | null {
  return plainWords(value)?.replace(titles, '') ?? null
}

export function withoutSuffix(value: string): string | null {
  return plainWords(value)?.replace(suffixes, '') ?? null
}

export function firstInitial(value: string): string | null {
  const [initial] = plainLetters(value) ?? ''
  return initial ?? null
}

export function genderInitial(value: string): string | null {
  const word = value.toLowerCase()
  if (word === 'f' || word === 'female') return 'f'
  return word === 'm' || word === 'male' ? 'm' : null
}

/** As the advertiser writes it: identifiers of their own are compared as they are. */
export function asItIs(value: string): string | null {
  return value
}

export function lowerCase(value: string): string | null {
  return value.toLowerCase()
}
