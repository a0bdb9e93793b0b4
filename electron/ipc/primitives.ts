/** What the schemas of the contract are made of. */
import { z } from 'zod';

export const id = z.string().min(1).max(128);
export const shortText = z.string().max(1000);
export const longText = z.string().max(20_000);
export const finite = z.number();
export const mediaUrl = z
  .string()
  .max(400)
  .regex(/^\/media\/[a-z]+\/[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)?$/);
export const vec3 = z.tuple([finite, finite, finite]);
