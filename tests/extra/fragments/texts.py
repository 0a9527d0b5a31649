"""News in fifteen languages, written for these checks: sentences to quote, and others to stand around them."""

# For each language: how it prints quotation marks and a dash, five sentences that follow each other, of which the
# fourth has speech as (before, spoken, after), and sentences that fill the page.
LANGUAGES = {
    "en": {
        "marks": "“”", "dash": "—",
        "sentences": [
            "The council voted on Tuesday evening to close the small library beside the harbour at the end of March.",
            "Its leader cited a growing deficit and the price of heating a building from the last century.",
            "More than four thousand readers had signed a petition against the plan, which was handed over in October.",
            ("The head of the branch looked at the floor. ", "We had no other choice this winter", " she told the reporters who waited outside."),
            "A reading room in the old town hall is to open in its place before the summer, with half of the shelves.",
        ],
        "filler": [
            "The ferry was late again because of the fog.", "In the morning the market opened an hour earlier than usual.",
            "She told the visitors about the year of the great storm.", "We had no rain for a month, and the fields were dry.",
            "A second bridge is planned north of the mill.", "The council of the neighbouring town met on the same day.",
            "It was the third meeting within a week.", "Nobody in the street remembered the name of the architect.",
            "The old lighthouse has been painted in white and red.", "Its keeper retired many years ago and lives by the sea.",
        ],
    },
    "de": {
        "marks": "„“", "dash": "–",
        "sentences": [
            "Der Stadtrat beschloss am Dienstagabend, die kleine Bücherei am Hafen Ende März zu schließen.",
            "Zur Begründung nannte er den wachsenden Fehlbetrag und die Kosten der Heizung in dem alten Gebäude.",
            "Mehr als viertausend Leserinnen und Leser hatten gegen den Plan unterschrieben, der im Oktober bekannt wurde.",
            ("Die Leiterin blickte zu Boden. ", "Wir hatten in diesem Winter keine andere Wahl", " sagte sie den wartenden Reportern vor der Tür."),
            "Ein Lesesaal im alten Rathaus soll noch vor dem Sommer an ihre Stelle treten, mit der Hälfte der Regale.",
        ],
        "filler": [
            "Die Fähre kam wegen des Nebels wieder zu spät.", "Am Morgen öffnete der Markt eine Stunde früher als sonst.",
            "Sie erzählte den Gästen vom Jahr der großen Sturmflut.", "Wir hatten einen Monat lang keinen Regen.",
            "Eine zweite Brücke ist nördlich der Mühle geplant.", "Der Stadtrat der Nachbarstadt tagte am selben Tag.",
            "Es war die dritte Sitzung in einer Woche.", "Niemand in der Straße kannte den Namen des Baumeisters.",
            "Der alte Leuchtturm wurde weiß und rot gestrichen.", "Sein Wärter lebt seit vielen Jahren am Meer.",
        ],
    },
    "fr": {
        "marks": "«\u202f\u202f»", "dash": "–",
        "sentences": [
            "Le conseil municipal a voté mardi soir la fermeture de la petite bibliothèque du port pour la fin du mois de mars.",
            "Son président a invoqué le déficit croissant et le prix du chauffage dans un bâtiment du siècle dernier.",
            "Plus de quatre mille lecteurs avaient signé une pétition contre ce projet, remise au maire en octobre.",
            ("La directrice a regardé le sol. ", "Nous n’avions pas d’autre choix cet hiver", " a-t-elle répondu aux journalistes qui attendaient dehors."),
            "Une salle de lecture doit ouvrir à sa place dans l’ancien hôtel de ville avant l’été, avec la moitié des rayons.",
        ],
        "filler": [
            "Le bac est encore arrivé en retard à cause du brouillard.", "Le matin, le marché a ouvert une heure plus tôt que d’habitude.",
            "Elle a raconté aux visiteurs l’année de la grande tempête.", "Nous n’avions pas eu de pluie depuis un mois.",
            "Un second pont est prévu au nord du moulin.", "Le conseil de la ville voisine s’est réuni le même jour.",
            "C’était la troisième réunion de la semaine.", "Personne dans la rue ne connaissait le nom de l’architecte.",
            "Le vieux phare a été repeint en blanc et en rouge.", "Son gardien vit au bord de la mer depuis des années.",
        ],
    },
    "es": {
        "marks": "«»", "dash": "—",
        "sentences": [
            "El ayuntamiento aprobó el martes por la noche el cierre de la pequeña biblioteca del puerto a finales de marzo.",
            "Su portavoz citó el déficit creciente y el precio de la calefacción en un edificio del siglo pasado.",
            "Más de cuatro mil lectores habían firmado una petición contra el plan, que se entregó en octubre.",
            ("La directora miró al suelo. ", "No teníamos otra opción este invierno", " dijo a los periodistas que esperaban fuera."),
            "Una sala de lectura abrirá en su lugar en la antigua casa consistorial antes del verano, con la mitad de los estantes.",
        ],
        "filler": [
            "El transbordador volvió a llegar tarde por la niebla.", "Por la mañana el mercado abrió una hora antes de lo normal.",
            "Contó a los visitantes el año de la gran tormenta.", "No teníamos lluvia desde hacía un mes.",
            "Se proyecta un segundo puente al norte del molino.", "El ayuntamiento vecino se reunió el mismo día.",
            "Era la tercera reunión en una semana.", "Nadie en la calle recordaba el nombre del arquitecto.",
            "El viejo faro se pintó de blanco y rojo.", "Su guardián vive junto al mar desde hace años.",
        ],
    },
    "sv": {
        "marks": "””", "dash": "–",
        "sentences": [
            "Kommunfullmäktige beslutade på tisdagskvällen att stänga det lilla biblioteket vid hamnen i slutet av mars.",
            "Ordföranden hänvisade till det växande underskottet och till priset för att värma en byggnad från förra seklet.",
            "Fler än fyra tusen läsare hade skrivit under ett upprop mot planen, som lämnades över i oktober.",
            ("Föreståndaren tittade ner i golvet. ", "Vi hade inget annat val den här vintern", " sade hon till journalisterna som väntade utanför."),
            "En läsesal i det gamla rådhuset ska öppna i stället före sommaren, med hälften av hyllorna kvar.",
        ],
        "filler": [
            "Färjan blev försenad igen på grund av dimman.", "På morgonen öppnade torget en timme tidigare än vanligt.",
            "Hon berättade för besökarna om det stora stormåret.", "Vi hade inget regn på en hel månad.",
            "En andra bro planeras norr om kvarnen.", "Grannkommunens fullmäktige möttes samma dag.",
            "Det var det tredje mötet på en vecka.", "Ingen på gatan mindes arkitektens namn.",
            "Den gamla fyren har målats i vitt och rött.", "Fyrvaktaren bor vid havet sedan många år.",
        ],
    },
    "pl": {
        "marks": "„”", "dash": "–",
        "sentences": [
            "Rada miasta zdecydowała we wtorek wieczorem o zamknięciu małej biblioteki przy porcie z końcem marca.",
            "Jej przewodniczący powołał się na rosnący deficyt i koszty ogrzewania budynku z ubiegłego stulecia.",
            "Ponad cztery tysiące czytelników podpisało petycję przeciwko temu planowi, którą przekazano w październiku.",
            ("Kierowniczka spojrzała na podłogę. ", "Tej zimy nie mieliśmy innego wyjścia", " powiedziała reporterom czekającym na zewnątrz."),
            "Czytelnia w starym ratuszu ma ją zastąpić jeszcze przed latem, choć z połową dawnych półek.",
        ],
        "filler": [
            "Prom znów się spóźnił z powodu mgły.", "Rano targ otwarto godzinę wcześniej niż zwykle.",
            "Opowiedziała gościom o roku wielkiej burzy.", "Przez miesiąc nie mieliśmy deszczu.",
            "Drugi most planuje się na północ od młyna.", "Rada sąsiedniego miasta obradowała tego samego dnia.",
            "Było to trzecie posiedzenie w tygodniu.", "Nikt na tej ulicy nie pamiętał nazwiska architekta.",
            "Starą latarnię pomalowano na biało i czerwono.", "Jej strażnik od lat mieszka nad morzem.",
        ],
    },
    "ru": {
        "marks": "«»", "dash": "—",
        "sentences": [
            "Городской совет во вторник вечером решил закрыть маленькую библиотеку у гавани в конце марта.",
            "Его председатель сослался на растущий дефицит и стоимость отопления здания прошлого века.",
            "Более четырёх тысяч читателей подписали обращение против этого плана, переданное в октябре.",
            ("Заведующая посмотрела на пол. ", "Этой зимой у нас не было другого выбора", " сказала она журналистам, которые ждали снаружи."),
            "Читальный зал в старой ратуше должен открыться вместо неё ещё до лета, но с половиной прежних полок.",
        ],
        "filler": [
            "Паром снова опоздал из-за тумана.", "Утром рынок открылся на час раньше обычного.",
            "Она рассказала гостям о годе великой бури.", "Целый месяц у нас не было дождя.",
            "Второй мост строят к северу от мельницы.", "Совет соседнего города собрался в тот же день.",
            "Это было третье заседание за неделю.", "Никто на этой улице не помнил имени архитектора.",
            "Старый маяк покрасили в белый и красный цвет.", "Его смотритель много лет живёт у моря.",
        ],
    },
    "ar": {
        "marks": "«»", "dash": "–",
        "sentences": [
            "قرر مجلس المدينة مساء الثلاثاء إغلاق المكتبة الصغيرة المجاورة للميناء في نهاية شهر مارس المقبل.",
            "وأشار رئيسه إلى العجز المتزايد وإلى تكلفة تدفئة مبنى يعود إلى القرن الماضي.",
            "وكان أكثر من أربعة آلاف قارئ قد وقعوا عريضة ضد هذه الخطة التي أعلنت في الخريف.",
            ("نظرت المديرة إلى الأرض. ", "لم يكن لدينا خيار آخر هذا الشتاء", " قالت للصحفيين المنتظرين في الخارج."),
            "ومن المقرر أن تفتح قاعة للمطالعة في دار البلدية القديمة قبل الصيف بنصف عدد الرفوف السابق.",
        ],
        "filler": [
            "تأخرت العبارة مرة أخرى بسبب الضباب.", "فتح السوق صباحا قبل موعده بساعة.", "روت للزوار قصة عام العاصفة الكبرى.",
            "لم يكن لدينا مطر طوال شهر.", "يجري التخطيط لجسر ثان شمال الطاحونة.", "اجتمع مجلس البلدة المجاورة في اليوم نفسه.",
            "كان ذلك ثالث اجتماع في أسبوع.", "لم يتذكر أحد في الشارع اسم المهندس.", "طليت المنارة القديمة بالأبيض والأحمر.",
            "يعيش حارسها قرب البحر منذ سنوات.",
        ],
    },
    "hi": {
        "marks": "“”", "dash": "–",
        "sentences": [
            "नगर परिषद ने मंगलवार की शाम को बंदरगाह के पास वाले छोटे पुस्तकालय को मार्च के अंत में बंद करने का निर्णय लिया।",
            "अध्यक्ष ने बढ़ते घाटे और पिछली सदी की इमारत को गर्म रखने के ख़र्च का हवाला दिया।",
            "चार हज़ार से अधिक पाठकों ने इस योजना के विरोध में एक याचिका पर हस्ताक्षर किए थे, जो अक्टूबर में सौंपी गई।",
            ("शाखा की प्रमुख ने फ़र्श की ओर देखा। ", "इस सर्दी में हमारे पास कोई दूसरा रास्ता नहीं था", " उन्होंने बाहर खड़े पत्रकारों से कहा।"),
            "गर्मियों से पहले पुराने नगर भवन में एक वाचनालय खुलेगा, जिसमें पहले की आधी अलमारियाँ होंगी।",
        ],
        "filler": [
            "कोहरे के कारण नाव फिर देर से पहुँची।", "सुबह बाज़ार रोज़ से एक घंटा पहले खुला।", "उसने मेहमानों को बड़े तूफ़ान के साल के बारे में बताया।",
            "महीने भर हमारे यहाँ बारिश नहीं हुई।", "चक्की के उत्तर में दूसरा पुल बनेगा।", "पड़ोसी नगर की परिषद उसी दिन मिली।",
            "यह सप्ताह की तीसरी बैठक थी।", "गली में किसी को वास्तुकार का नाम याद नहीं था।", "पुराने प्रकाशस्तंभ को सफ़ेद और लाल रंगा गया है।",
            "उसका रखवाला बरसों से समुद्र के पास रहता है।",
        ],
    },
    "ta": {
        "marks": "“”", "dash": "–",
        "sentences": [
            "துறைமுகத்தின் அருகே உள்ள சிறிய நூலகத்தை மார்ச் மாத இறுதியில் மூட நகர மன்றம் செவ்வாய்க்கிழமை மாலை முடிவு செய்தது என்றார்கள்.",
            "வளரும் பற்றாக்குறையையும் பழைய கட்டிடத்தைச் சூடாக வைக்கும் செலவையும் தலைவர் காரணமாகக் காட்டினார்.",
            "நான்காயிரத்துக்கும் மேற்பட்ட வாசகர்கள் இந்தத் திட்டத்திற்கு எதிராக ஒரு மனுவில் கையெழுத்திட்டு அக்டோபரில் அளித்தார்கள்.",
            ("கிளையின் தலைவி தரையைப் பார்த்தார். ", "இந்தக் குளிர்காலத்தில் எங்களுக்கு வேறு வழி இல்லை", " என்று வெளியே காத்திருந்த செய்தியாளர்களிடம் சொன்னார்."),
            "அதற்குப் பதிலாகப் பழைய நகர மண்டபத்தில் ஒரு வாசிப்பறை கோடைக்கு முன் பாதி அலமாரிகளுடன் திறக்கப்படும்.",
        ],
        "filler": [
            "பனிமூட்டத்தால் படகு மீண்டும் தாமதமாக வந்தது.", "காலையில் சந்தை ஒரு மணி நேரம் முன்னதாகவே திறந்தது.", "பெரும் புயல் வீசிய ஆண்டைப் பற்றி அவள் கூறினாள்.",
            "ஒரு மாதமாக எங்களுக்கு மழை இல்லை.", "ஆலையின் வடக்கே இரண்டாவது பாலம் அமைக்கப்படும்.", "அண்டை நகர மன்றம் அதே நாளில் கூடியது.",
            "அது அந்த வாரத்தின் மூன்றாவது கூட்டம்.", "தெருவில் யாருக்கும் கட்டிடக் கலைஞரின் பெயர் நினைவில்லை.", "பழைய கலங்கரை விளக்கம் வெள்ளையும் சிவப்புமாகப் பூசப்பட்டது.",
            "அதன் காவலர் பல ஆண்டுகளாகக் கடலருகே வாழ்கிறார்.",
        ],
    },
    "th": {
        "marks": "“”", "dash": "–",
        "sentences": [
            "สภาเมืองลงมติเมื่อเย็นวันอังคารให้ปิดห้องสมุดเล็กข้างท่าเรือในปลายเดือนมีนาคม ",
            "ประธานสภาอ้างถึงงบประมาณที่ขาดดุลมากขึ้นและค่าทำความร้อนของอาคารเก่าจากศตวรรษก่อน ",
            "ผู้อ่านมากกว่าสี่พันคนร่วมลงชื่อคัดค้านแผนการนี้และยื่นหนังสือต่อนายกเทศมนตรีในเดือนตุลาคม ",
            ("หัวหน้าสาขามองลงที่พื้น ", "ฤดูหนาวนี้เราไม่มีทางเลือกอื่น", " เธอบอกกับผู้สื่อข่าวที่รออยู่ด้านนอก "),
            "ห้องอ่านหนังสือในศาลากลางหลังเก่าจะเปิดแทนก่อนฤดูร้อนโดยเหลือชั้นหนังสือเพียงครึ่งเดียว ",
        ],
        "filler": [
            "เรือข้ามฟากมาสายอีกครั้งเพราะหมอกหนา ", "ตอนเช้าตลาดเปิดเร็วกว่าปกติหนึ่งชั่วโมง ", "เธอเล่าให้แขกฟังเรื่องปีที่เกิดพายุใหญ่ ",
            "เราไม่มีฝนมาหนึ่งเดือนแล้ว ", "มีแผนสร้างสะพานแห่งที่สองทางเหนือของโรงสี ", "สภาของเมืองข้างเคียงประชุมในวันเดียวกัน ",
            "นี่เป็นการประชุมครั้งที่สามของสัปดาห์ ", "ไม่มีใครในถนนจำชื่อสถาปนิกได้ ", "ประภาคารเก่าทาสีขาวและแดง ", "คนเฝ้าประภาคารอาศัยอยู่ริมทะเลมาหลายปี ",
        ],
    },
    "my": {
        "marks": "“”", "dash": "–",
        "sentences": [
            "မြို့တော်ကောင်စီသည် ဆိပ်ကမ်းအနီးရှိ စာကြည့်တိုက်ငယ်ကို မတ်လကုန်တွင် ပိတ်ရန် အင်္ဂါနေ့ညနေက ဆုံးဖြတ်ခဲ့သည်။ ",
            "ဥက္ကဋ္ဌက တိုးပွားလာသော လိုငွေနှင့် အဆောက်အအုံဟောင်းကို အပူပေးရသည့် ကုန်ကျစရိတ်ကို အကြောင်းပြခဲ့သည်။ ",
            "စာဖတ်သူ လေးထောင်ကျော်က ဤအစီအစဉ်ကို ကန့်ကွက်ကြောင်း လက်မှတ်ရေးထိုးပြီး အောက်တိုဘာလတွင် တင်ပြခဲ့ကြသည်။ ",
            ("ဌာနမှူးက ကြမ်းပြင်ကို ငုံ့ကြည့်ခဲ့သည်။ ", "ဒီဆောင်းရာသီမှာ ကျွန်မတို့ အခြားနည်းလမ်း မရှိခဲ့ဘူး", " ဟု အပြင်တွင် စောင့်နေသော သတင်းထောက်များကို ပြောခဲ့သည်။ "),
            "ထိုအစား မြို့တော်ခန်းမဟောင်းတွင် စာဖတ်ခန်းတစ်ခုကို နွေရာသီမတိုင်မီ စင်တစ်ဝက်ဖြင့် ဖွင့်လှစ်မည်ဖြစ်သည်။ ",
        ],
        "filler": [
            "မြူကြောင့် ကူးတို့သင်္ဘော နောက်ကျပြန်သည်။ ", "မနက်တွင် ဈေးသည် တစ်နာရီစော၍ ဖွင့်သည်။ ", "သူမက ဧည့်သည်များကို မုန်တိုင်းကြီးကျသည့်နှစ်အကြောင်း ပြောပြသည်။ ",
            "တစ်လလုံး မိုးမရွာခဲ့ပါ။ ", "ဆန်စက်မြောက်ဘက်တွင် ဒုတိယတံတား ဆောက်မည်။ ", "အိမ်နီးချင်းမြို့ ကောင်စီလည်း ထိုနေ့တွင် စည်းဝေးသည်။ ",
            "၎င်းသည် တစ်ပတ်အတွင်း တတိယအစည်းအဝေး ဖြစ်သည်။ ", "လမ်းထဲတွင် ဗိသုကာ၏အမည်ကို မည်သူမျှ မမှတ်မိပါ။ ",
            "မီးပြတိုက်ဟောင်းကို အဖြူနှင့်အနီ သုတ်ထားသည်။ ", "၎င်း၏အစောင့်သည် ပင်လယ်အနီးတွင် နှစ်ပေါင်းများစွာ နေထိုင်ခဲ့သည်။ ",
        ],
    },
    "ja": {
        "marks": "「」", "dash": "――", "unspaced": True,
        "sentences": [
            "市議会は火曜日の夜、港のそばにある小さな図書館を三月末で閉館することを決めた。",
            "議長は膨らむ赤字と、前世紀に建てられた建物の暖房費を理由に挙げた。",
            "四千人を超える利用者が計画に反対する署名を集め、十月に市長へ提出していた。",
            ("館長は床に目を落とした。", "この冬はほかに道がありませんでした", "と、外で待つ記者たちに語った。"),
            "代わりに旧市庁舎の一室に閲覧室が設けられ、夏までに半分の書架で開かれる見通しだ。",
        ],
        "filler": [
            "霧のため渡し船はまた遅れた。", "朝の市場はいつもより一時間早く開いた。", "彼女は客に大嵐の年の話をした。", "一か月ほど雨が降っていない。",
            "水車小屋の北に二つ目の橋が計画されている。", "隣町の議会も同じ日に開かれた。", "一週間で三度目の会合だった。", "通りの誰も建築家の名を覚えていなかった。",
            "古い灯台は白と赤に塗り直された。", "灯台守は長年海辺で暮らしている。",
        ],
    },
    "zh": {
        "marks": "“”", "dash": "——", "unspaced": True,
        "sentences": [
            "市议会星期二晚上决定，港口旁边的小图书馆将于三月底关闭。",
            "议长解释说，赤字不断扩大，上个世纪建造的大楼取暖费用也越来越高。",
            "四千多名读者曾联名反对这项计划，并在十月把请愿书交给了市长。",
            ("分馆馆长低头看着地板。", "这个冬天我们没有别的选择", "她对在外面等候的记者说。"),
            "旧市政厅将在夏天以前开设一间阅览室来代替它，不过书架只有原来的一半。",
        ],
        "filler": [
            "因为大雾，渡船又晚点了。", "早上集市比平时早开了一个小时。", "她给客人讲了那年大风暴的故事。", "我们这里一个月没有下雨了。",
            "磨坊北边计划再建一座桥。", "邻近城市的议会也在同一天开会。", "这是一个星期里的第三次会议。", "街上没有人记得建筑师的名字。",
            "老灯塔重新漆成了白色和红色。", "守塔人多年来一直住在海边。",
        ],
    },
    "ko": {
        "marks": "“”", "dash": "—",
        "sentences": [
            "시의회는 화요일 저녁 항구 옆의 작은 도서관을 삼월 말에 닫기로 결정했다.",
            "의장은 늘어나는 적자와 지난 세기에 지은 건물의 난방비를 이유로 들었다.",
            "사천 명이 넘는 독자들이 이 계획에 반대하는 청원서에 서명하여 시월에 제출한 바 있다.",
            ("분관장은 바닥을 내려다보았다. ", "올겨울에는 다른 방법이 없었습니다", " 그는 밖에서 기다리던 기자들에게 말했다."),
            "그 대신 옛 시청 건물에 열람실이 여름이 오기 전에 절반의 서가로 문을 열 예정이다.",
        ],
        "filler": [
            "안개 때문에 나룻배가 또 늦었다.", "아침 시장은 평소보다 한 시간 일찍 열렸다.", "그는 손님들에게 큰 폭풍이 온 해를 이야기했다.", "한 달 동안 비가 오지 않았다.",
            "방앗간 북쪽에 두 번째 다리가 계획되어 있다.", "이웃 도시의 의회도 같은 날 모였다.", "일주일 사이 세 번째 회의였다.", "거리의 누구도 건축가의 이름을 기억하지 못했다.",
            "오래된 등대는 희고 붉게 칠해졌다.", "등대지기는 오랫동안 바닷가에 살고 있다.",
        ],
    },
}
