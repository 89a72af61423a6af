import { gmailAwareEmail } from './email.ts'
import { e164 } from './phone.ts'
import { upperCountry } from './place.ts'
import { hashedRule, plainRule, type PlatformRules } from './platform.ts'
import { asItIs, lowerCase, withoutSuffix, withoutTitle } from './words.ts'

/**
 * Data Manager API: https://developers.google.com/data-manager/api/devguides/concepts/formatting (names without
 * punctuation: https://developers.google.com/data-manager/api/reference/rest/v1/UserData).
 */
export const google: PlatformRules = {
  email: hashedRule(gmailAwareEmail),
  phone: hashedRule(e164),
  first_name: hashedRule(withoutTitle),
  last_name: hashedRule(withoutSuffix),
  country: plainRule(upperCountry),
  postal_code: plainRule(asItIs),
  external_id: plainRule(asItIs),
  device_id: plainRule(lowerCase),
}
