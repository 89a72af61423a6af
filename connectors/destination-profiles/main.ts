import { main } from '../kit/index.ts'
import { destinationProfiles } from './destination.ts'

await main(destinationProfiles)
