(() => {
  'use strict';
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector('.tools');
  const articles = all('article');
  const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const texts = new Map(articles.map((article) => [article, fold(article.textContent)]));
  const dots = new Map(all('.map a').map((link) => [link.getAttribute('href').slice(1), link]));
  const none = document.querySelector('.none');
  const report = form.querySelector('output');

  const show = () => {
    const wanted = form.elements.class.value;
    const words = fold(form.elements.find.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const article of articles) {
      const fits = (!wanted || article.dataset.class === wanted)
        && words.every((word) => texts.get(article).includes(word));
      article.hidden = !fits;
      dots.get(article.id)?.classList.toggle('dim', !fits);
      shown += fits;
      if (!fits) all('audio', article).forEach((player) => player.pause());
    }
    const filtered = wanted || words.length;
    report.textContent = filtered ? `${shown} of ${articles.length}` : '';
    none.hidden = shown > 0 || !articles.length;
  };
  const showAll = () => {
    form.elements.class.value = '';
    form.elements.find.value = '';
    show();
  };

  form.hidden = articles.length < 2;
  form.addEventListener('input', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.elements.boxes.addEventListener('change', (event) =>
    document.body.classList.toggle('no-boxes', !event.target.checked));
  none.querySelector('button').addEventListener('click', () => {
    showAll();
    form.elements.find.focus();
  });

  // A dot of the map leads to its portrait even while that is filtered away.
  document.querySelector('.map')?.addEventListener('click', (event) => {
    const link = event.target.closest('a');
    const article = link && document.getElementById(link.getAttribute('href').slice(1));
    if (article?.hidden) showAll();
  });

  // One song at a time.
  document.addEventListener('play', (event) => {
    for (const player of all('audio')) if (player !== event.target) player.pause();
  }, true);

  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches('input[type=search], textarea');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !form.hidden) {
      event.preventDefault();
      form.elements.find.focus();
    } else if (event.key === 'Escape' && event.target === form.elements.find) {
      showAll();
    }
  });

  // Pictures that were not scrolled to yet belong on paper too.
  addEventListener('beforeprint', () => all('img[loading=lazy]').forEach((img) => { img.loading = 'eager'; }));
  show();
})();
