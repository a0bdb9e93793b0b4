/** The same keys with any words. */
export type Translated<T> = T extends string ? string : { readonly [K in keyof T]: Translated<T[K]> };
