/** One purchase. Two equal ones are two purchases. */
export interface Purchase {
  readonly customerId: string
  /** Days since 1970-01-01. */
  readonly day: number
  readonly quantity: number
  /** In US dollars. */
  readonly amount: number
}

/** One customer's purchases, by day. */
export interface CustomerPurchases {
  readonly customerId: string
  readonly purchases: readonly Purchase[]
}

/** Purchases that can be walked more than once, customer by customer. */
export interface PurchaseBook {
  customers(): Iterable<CustomerPurchases>
}
