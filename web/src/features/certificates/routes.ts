import type { Route } from '@/app/router.svelte';

const words = 'certificates';

/** Certificates of volunteer hours: issued, printed, withdrawn. Checking one needs no account and no app. */
export const certificateRoutes: Route[] = [
  {
    path: '/chung-nhan',
    title: 'certificates.title',
    words,
    load: () => import('./CertificatesPage.svelte'),
  },
  {
    path: '/chung-nhan/:id',
    title: 'certificates.one',
    words,
    load: () => import('./CertificatePage.svelte'),
  },
];
