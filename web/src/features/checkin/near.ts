/** Whether the phone is near a point, worked out on the phone: where it is goes nowhere. */
import type { Site } from '@/wire';

const NEAR_M = 300;
const WAIT_MS = 4_000;
const EARTH_M = 6_371_000;
const rad = (e6: number): number => (e6 / 1e6) * (Math.PI / 180);

/** Over such distances the earth is flat. */
export function distanceM(a: [number, number], b: [number, number]): number {
  const north = rad(b[0] - a[0]);
  const east = rad(b[1] - a[1]) * Math.cos(rad((a[0] + b[0]) / 2));
  return EARTH_M * Math.hypot(north, east);
}

/** Null when nobody knows: the point is not on the map, or the phone does not say where it is. */
export async function isNear(site: Pick<Site, 'lat_e6' | 'lon_e6'> | undefined): Promise<boolean | null> {
  if (site?.lat_e6 == null || site.lon_e6 == null || !('geolocation' in navigator)) return null;
  const there: [number, number] = [site.lat_e6, site.lon_e6];
  return new Promise((resolve) =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const here: [number, number] = [coords.latitude * 1e6, coords.longitude * 1e6];
        resolve(distanceM(here, there) <= NEAR_M + coords.accuracy);
      },
      () => resolve(null),
      { timeout: WAIT_MS, maximumAge: 60_000 },
    ),
  );
}
