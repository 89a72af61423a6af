import { lowerCaseEmail } from './email.ts'
import { e164Digits } from './phone.ts'
import { hashedRule, type PlatformRules } from './platform.ts'

/** https://developers.snap.com/api/marketing-api/Conversions-API/Parameters */
export const snapchat: PlatformRules = {
  email: hashedRule(lowerCaseEmail),
  phone: hashedRule(e164Digits),
}
