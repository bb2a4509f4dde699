-- A shop as the first release's tables held it (migration 0001_initial): everything readable, nothing of later years.
-- Ids are given by hand, from 1000 on; the sequence goes on from 5000.

INSERT INTO users (id, password, is_superuser, username, email, is_staff, is_active, date_joined, name, language, theme,
                   first_name, last_name)
SELECT 1, '!', false, 'lan', '', false, true, '2022-08-01T00:00Z', '兰', 'zh-hans', 'auto', '', ''
WHERE false;
