// A place on the earth, as rules write it: `[48.86, 2.35]`.

import type { Coordinates } from '../../calendar/sun.ts'

/** Degrees; north and east are positive. */
export type LatitudeLongitude = readonly [latitude: number, longitude: number]

export const isLatitudeLongitude = (value: unknown): value is LatitudeLongitude =>
  Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'number')

/** @throws RangeError when the value is not a pair of numbers */
export function placeOf(place: LatitudeLongitude): Coordinates {
  if (!isLatitudeLongitude(place))
    throw new RangeError(`place: expected [latitude, longitude], got ${JSON.stringify(place)}`)
  const [latitude, longitude] = place
  return { latitude, longitude }
}
