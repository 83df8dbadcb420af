import type { Route } from '@/app/router.svelte';

const words = 'questions';

export const questionRoutes: Route[] = [
  { path: '/dan-hoi', title: 'nav.questions', words, load: () => import('./InboxPage.svelte') },
  { path: '/dan-hoi/tra-loi-san', title: 'questions.tab_faq', words, load: () => import('./FaqPage.svelte') },
  { path: '/dan-hoi/ghi', title: 'questions.tab_ask', words, load: () => import('./AskPage.svelte') },
  {
    path: '/dan-hoi/so-lieu',
    title: 'questions.tab_figures',
    words,
    load: () => import('./FiguresPage.svelte'),
  },
  { path: '/dan-hoi/:id', title: 'questions.question', words, load: () => import('./QuestionPage.svelte') },
];
