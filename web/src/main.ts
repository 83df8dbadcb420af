import './ui/fonts.css';
import './ui/base.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { assemble } from './app/causo';
import { Settings } from './app/settings.svelte';

async function start(): Promise<void> {
  const settings = new Settings(localStorage);
  const [causo] = await Promise.all([assemble(settings), settings.apply()]);
  causo.router.start();
  mount(App, { target: document.getElementById('app') ?? document.body, props: { causo } });
  causo.courier.start();
  void causo.version.start();
}

void start();
