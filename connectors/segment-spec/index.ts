export { commonConfig, type SpecConfig } from './config.ts'
export { specDestination, type SpecVendor } from './destination.ts'
