import { main } from 'traitline/connector'
import { destinationAcme } from './destination.ts'

await main(destinationAcme)
