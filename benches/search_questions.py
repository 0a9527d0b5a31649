"""A blog in five languages and 200 questions about it, each with the posts that answer it.

What is invented is invented: places, councils and all. A question is made from what a post says, as readers type: a word, two
words, a title, another form of a word, without its accents, its beginning only, with a slip, or a phrase.
"""

import datetime

# For each language: subjects as they stand in texts with another form of each, places, things, sentences, titles.
LANGUAGES = {
    "en": {
        "subjects": [("lighthouse", "lighthouses"), ("orchard", "orchards"), ("tramway", "tramways"), ("bakery", "bakeries"),
                     ("aquarium", "aquariums"), ("windmill", "windmills"), ("observatory", "observatories"), ("quarry", "quarries"),
                     ("nursery", "nurseries"), ("brewery", "breweries"), ("cemetery", "cemeteries"), ("foundry", "foundries")],
        "places": ["Ashcombe", "Brindle Quay", "Carrowmoor", "Dunmere", "Eastwater", "Fallowby", "Gorsefield", "Hollinhead",
                   "Inverlock", "Jarrowmouth", "Kestrel Bay", "Lowenstow"],
        "things": ["parking permits", "drinking fountains", "bicycle stands", "noise barriers", "cellar rents", "school lunches",
                   "ferry timetables", "street lanterns", "harbour dues", "flood gates", "market stalls", "library cards"],
        "title": "The {subject} at {place}",
        "text": "The {subject} at {place} will stay open for another year, although the roof isn’t sound. Neighbours had written "
                "letters against {thing} and asked why nobody had counted the visitors.\n\nThe committee of {place} meets again "
                "in spring. Until then a volunteer keeps the keys, and the accounts are read aloud each Friday evening.\n",
        "phrase": "a volunteer keeps the keys", "accent": ("isnt sound", "isn't sound"),
    },
    "de": {
        "subjects": [("Bäckerei", "Bäckereien"), ("Mühle", "Mühlen"), ("Brücke", "Brücken"), ("Gärtnerei", "Gärtnereien"),
                     ("Schleuse", "Schleusen"), ("Werft", "Werften"), ("Bücherei", "Büchereien"), ("Brauerei", "Brauereien"),
                     ("Färberei", "Färbereien"), ("Ziegelei", "Ziegeleien"), ("Sternwarte", "Sternwarten"), ("Kapelle", "Kapellen")],
        "places": ["Aldenbrück", "Birkenau", "Dornheim", "Eschenbach", "Falkenried", "Grünthal", "Holzmünden", "Immenrode",
                   "Kaltenfels", "Lindenhöhe", "Moosburg", "Nesselwang"],
        "things": ["Parkgebühren", "Trinkbrunnen", "Fahrradständer", "Lärmschutzwände", "Kellermieten", "Schulspeisung",
                   "Fährpläne", "Straßenlaternen", "Hafengebühren", "Flutöffnungen", "Marktbuden", "Leihausweise"],
        "title": "{subject} in {place}",
        "text": "Die {subject} in {place} bleibt noch ein Jahr geöffnet, obwohl das Dach undicht ist. Anwohner hatten Briefe "
                "gegen {thing} geschrieben und gefragt, warum niemand die Gäste gezählt habe.\n\nDer Ausschuss von {place} tagt "
                "im Frühling wieder. Bis dahin verwahrt eine Nachbarin den Schlüssel, und die Abrechnung wird freitags verlesen.\n",
        "phrase": "verwahrt eine Nachbarin den Schlüssel", "accent": None,
    },
    "sv": {
        "subjects": [("bageri", "bagerier"), ("kvarn", "kvarnar"), ("fyr", "fyrar"), ("trädgård", "trädgårdar"),
                     ("sluss", "slussar"), ("varv", "varvet"), ("biograf", "biografer"), ("bryggeri", "bryggerier"),
                     ("färgeri", "färgerier"), ("tegelbruk", "tegelbruket"), ("sjömanskyrka", "sjömanskyrkor"), ("gruva", "gruvor")],
        "places": ["Almåsen", "Björkvik", "Dalhem", "Ekeby", "Fårö", "Granträsk", "Hultsjö", "Ingarö", "Kallbäck", "Lövånger",
                   "Mörkö", "Nässjö"],
        "things": ["parkeringsavgifter", "dricksfontäner", "cykelställ", "bullerplank", "källarhyror", "skolmåltider",
                   "färjetidtabeller", "gatlyktor", "hamnavgifter", "slussportar", "torgstånd", "lånekort"],
        "title": "{subject} i {place}",
        "text": "Ett {subject} i {place} får vara öppet ännu ett år, trots att taket läcker. Grannar hade skrivit brev mot "
                "{thing} och frågat varför ingen hade räknat besökarna.\n\nNämnden i {place} möts igen till våren. Till dess "
                "förvarar en granne nycklarna, och räkenskaperna läses upp varje fredag.\n",
        "phrase": "förvarar en granne nycklarna", "accent": None,
    },
    "ja": {
        "subjects": [("図書館", "書館"), ("灯台", "灯台"), ("植物園", "植物"), ("天文台", "天文"), ("水族館", "水族"),
                     ("製鉄所", "製鉄"), ("養魚場", "養魚"), ("映画館", "映画"), ("造船所", "造船"), ("果樹園", "果樹"),
                     ("印刷所", "印刷"), ("醸造所", "醸造")],
        "places": ["青葉町", "白鳥市", "大森村", "三日月島", "朝霧町", "若草市", "銀杏町", "鶴見浜", "桜谷村", "松風町", "紅葉市", "海鳴町"],
        "things": ["駐車料金", "噴水工事", "自転車置場", "防音壁", "倉庫賃料", "学校給食", "渡船時刻", "街灯設置", "港湾使用料", "水門改修",
                   "市場屋台", "貸出券"],
        "title": "{place}の{subject}",
        "text": "{place}の{subject}は屋根が古いが、もう一年開かれることになった。住民は{thing}に反対する手紙を書き、なぜ誰も来館者を数えなかったのかと尋ねた。\n\n"
                "{place}の委員会は春に再び開かれる。それまでは隣人が鍵を預かり、会計は毎週金曜日に読み上げられる。\n",
        "phrase": "隣人が鍵を預かり", "accent": None,
    },
    "zh": {
        "subjects": [("图书馆", "书馆"), ("灯塔", "灯塔"), ("植物园", "植物"), ("天文台", "天文"), ("水族馆", "水族"),
                     ("炼铁厂", "炼铁"), ("养鱼场", "养鱼"), ("电影院", "电影"), ("造船厂", "造船"), ("果园林场", "果园"),
                     ("印刷厂", "印刷"), ("酿酒坊", "酿酒")],
        "places": ["青叶镇", "白鹤市", "大林村", "月牙岛", "晨雾镇", "嫩草市", "银杏镇", "鹤浜湾", "樱谷村", "松涛镇", "枫叶市", "海鸣镇"],
        "things": ["停车收费", "喷泉工程", "单车停放", "隔音围墙", "仓库租金", "学校午餐", "渡轮班次", "路灯安装", "港口规费", "水闸翻修",
                   "集市摊位", "借书证件"],
        "title": "{place}的{subject}",
        "text": "{place}的{subject}虽然屋顶陈旧，还会再开放一年。居民写信反对{thing}，并且问为什么没有人统计访客。\n\n"
                "{place}的委员会将在春天再次开会。在此之前由邻居保管钥匙，账目每逢星期五宣读。\n",
        "phrase": "由邻居保管钥匙", "accent": None,
    },
}

POSTS = 60
PLAIN = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "å": "a", "Ä": "A", "Ö": "O", "Ü": "U", "Å": "A", "ß": "ss"})


def posts():
    """All posts: path, language, title, text, and what they are about."""
    made = []
    for number, (language, words) in enumerate(LANGUAGES.items()):
        for at in range(POSTS):
            subject = words["subjects"][at % 12]
            place = words["places"][(at * 5 + at // 12) % 12]
            thing = words["things"][(at * 7 + at // 6) % 12]
            slots = {"subject": subject[0], "place": place, "thing": thing}
            title = words["title"].format(**slots)
            day = datetime.date(2015, 1, 1) + datetime.timedelta(days=at * 61 + number * 7)
            made.append({
                "language": language, "slug": f"{language}-{at}", "date": day, **slots, "form": subject[1],
                "title": title[0].upper() + title[1:], "text": words["text"].format(**slots),
            })
    return made


def slip(word):
    """Two letters side by side in the middle are exchanged."""
    at = len(word) // 2
    return word[:at - 1] + word[at] + word[at - 1] + word[at + 1:]


def questions():
    """All questions: language, kind, what is typed, and the slugs of the posts that answer it."""
    made = []
    everything = posts()
    for language, words in LANGUAGES.items():
        own = [post for post in everything if post["language"] == language]
        is_cjk = language in ("ja", "zh")

        def ask(kind, typed, is_answer):
            made.append({
                "language": language, "kind": kind, "typed": typed,
                "answers": [post["slug"] for post in own if is_answer(post)],
            })

        for at in range(5):
            subject, form = words["subjects"][at * 2]
            other, other_form = words["subjects"][at * 2 + 1]
            post = own[at * 9 + 1]
            thing = words["things"][at * 2]
            place = words["places"][at * 2 + 1]
            ask("a word", thing.split()[0] if not is_cjk else thing, lambda p: p["thing"] == thing)
            joined = "" if is_cjk else " "
            ask("two words", f"{post['subject']} {post['place']}",
                lambda p: p["subject"] == post["subject"] and p["place"] == post["place"])
            ask("a title", post["title"], lambda p: p["title"] == post["title"])
            ask("another form", other_form, lambda p: p["subject"] == other)
            ask("accents", place.translate(PLAIN).lower() if language in ("de", "sv") else place.upper(),
                lambda p: p["place"] == place)
            beginning = subject[:2] if is_cjk else subject[:max(4, len(subject) - 3)]
            ask("a beginning", beginning, lambda p: p["subject"] == subject)
            long = words["things"][at * 2 + 1]
            word = long.split()[0]
            ask("a part" if is_cjk else "a slip", word[1:3] if is_cjk else slip(word), lambda p: p["thing"] == long)
            ask("a phrase", f'"{words["places"][at]}{"的" if language == "zh" else "の" if language == "ja" else " "}'
                            f'{"委员会" if language == "zh" else "委員会" if language == "ja" else ""}"'.replace(' "', '"')
                if is_cjk else f'"{thing}"', lambda p: p["place"] == words["places"][at] if is_cjk else p["thing"] == thing)
            del joined
    return made


def write(site, settings):
    """Writes the blog."""
    for post in posts():
        path = site / "content" / f"{post['slug']}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'+++\ntitle = "{post["title"]}"\ndate = {post["date"]}\nlang = "{post["language"]}"\n+++\n\n{post["text"]}')
    (site / "backmatter.toml").write_text(settings)
